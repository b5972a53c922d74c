"""Commands about progress: progress, list, import, export."""
