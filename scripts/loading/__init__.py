"""The command line that all loaders share; the machine itself is `bot.loading`."""
