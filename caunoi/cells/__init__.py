"""What an installation holds of the control plane's: the catalogue of cells, and editions of common data
(docs/cells.md). The control plane itself is `caunoi.plane`."""
