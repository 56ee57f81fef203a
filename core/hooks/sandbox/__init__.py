"""Plugins in a process of their own: one host per tenant, forked from a zygote and confined by the kernel."""
