"""Tours, what an agency reports of them, and the published facts that every figure reads."""
