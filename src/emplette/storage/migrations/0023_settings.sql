-- Nothing yet: what settings pages have to keep.
SELECT;
