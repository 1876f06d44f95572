"""Quality: profiles of submissions, the gate that judges them, its pages."""
