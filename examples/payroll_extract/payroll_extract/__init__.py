"""Worker records from the fixed-width file of a payroll system."""
