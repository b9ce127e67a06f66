"""What each call of the API does once it got past the gate."""
