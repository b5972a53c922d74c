"""No __radd__ and no __rmul__."""

del Value.__radd__, Value.__rmul__
