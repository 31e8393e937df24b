"""PURE: the filter tree that grids, segments, bulk edits and exports share."""
