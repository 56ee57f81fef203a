"""The security dossier: what an agency's security officer asks, written from the models, the grants and the matrix."""
