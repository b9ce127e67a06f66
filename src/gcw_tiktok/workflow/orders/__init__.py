"""An order's way: taken in, held, released, handed over, shipped, and accounted for."""
