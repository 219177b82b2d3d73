// Plain JavaScript on purpose: an old Node must be able to read it, to say what is wrong.
const [major] = process.versions.node.split('.').map(Number);
if (major < 24) {
  console.error(
    `Assay runs on Node 24, and this is Node ${process.versions.node}. On Linux 'npm ci' brings Node 24 along: run it ` +
      'without --omit=optional, and start Assay by its npm scripts. Elsewhere install Node 24 first.',
  );
  process.exit(1);
}
