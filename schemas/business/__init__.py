"""Business register: businesses with their activities and representatives."""
