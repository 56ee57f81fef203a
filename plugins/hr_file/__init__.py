"""Worker records from a CSV or XLSX file that somebody uploads."""
