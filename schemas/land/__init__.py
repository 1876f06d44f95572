"""Land register: parcels with their certificates and rights."""
