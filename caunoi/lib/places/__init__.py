"""Places in Vietnam. Ask it which administrative unit of today an address or a point means (`address`, `geometry`),
which units there were on a day (`gazetteer`), and what followed one that ended (`lineage`, `succession`)."""
