"""Tables as offices keep them. Ask it for the rows of a CSV or workbook (`sheets`), which row names the columns
(`headings`), what a cell means (`cells`), and which known name a typed one is (`nearest`)."""
