"""Records what follows from tours in an HR system that takes JSON over https."""
