"""Pure functions from columns to columns and frames to frames."""
