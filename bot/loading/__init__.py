"""The one machine behind all loaders: reads sheets, judges rows, writes them, takes them back."""
