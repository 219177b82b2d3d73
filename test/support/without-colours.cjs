// Whoever runs the tests may ask for colours, as many a CI does. What the tests read is words.
delete process.env.FORCE_COLOR;
process.env.NO_COLOR = '1';
