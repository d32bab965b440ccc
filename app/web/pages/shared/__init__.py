"""What every page uses: rendering, formatting, forms, static files, error pages."""
