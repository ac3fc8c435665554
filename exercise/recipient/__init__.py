"""A platform on loopback with four desks, which fails and answers the way platforms do."""
