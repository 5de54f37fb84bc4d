"""The admins' pages, on sqladmin: what the bot knows, who helps, what was changed by whom."""
