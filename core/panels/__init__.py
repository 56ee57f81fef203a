"""What plugins show, offer and ask on the host's pages: asked with no transaction open, drawn by the host."""
