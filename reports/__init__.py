"""Who reads what: pages, components and channels over the published tables of a release."""
