-- Nothing yet: what budget pages and the freeing of stopped periods need
SELECT;
