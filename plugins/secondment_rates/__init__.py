"""Claims by the rates of the agency's cost agreement: so much a day served, and benefits as a share of it."""
