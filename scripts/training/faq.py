"""Read the reviewed FAQ entries of the content folder, as the search sees them."""

from knowledge.content_dir import CONTENT, read_yaml
from knowledge.retrieval import FaqDocument


def read_faq() -> list[FaqDocument]:
    """Return the reviewed entries as the search sees them."""
    entries = (raw for path in sorted((CONTENT / "faq").glob("*.yaml")) for raw in read_yaml(path))
    return [FaqDocument(e["id"], e["question"], tuple(e["similar"]), e["answer"]) for e in entries]
