// Says when there is no network, and when there is again.

export function watchNetwork() {
  const strip = document.getElementById("offline");
  const show = () => (strip.hidden = navigator.onLine);
  addEventListener("online", show);
  addEventListener("offline", show);
  show();
}
