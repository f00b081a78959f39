-- Nothing yet: who is away when, and who decides for them meanwhile.
SELECT;
