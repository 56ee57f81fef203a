"""Plugins that come as bundles: a service's own, and the operator's folder of them. None of their code runs in core."""
