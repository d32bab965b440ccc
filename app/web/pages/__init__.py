"""The HTML pages, a folder for each page or group of pages; templates and static files beside them."""
