"""An invented company with sites, staff and networks, and the calls of its last weeks: the demo's tenant."""
