import { withApp } from './empty-app.ts';

// A process of its own: the CDK loads several times faster here than inside jest. Prints the three templates' resources
// as JSON.
const templates = withApp(process.argv[2] ?? '{}', (app) => {
  const assembly = app.synth();
  const resources = (id: string): unknown => assembly.getStackArtifact(id).template.Resources;
  return { data: resources('Data'), service: resources('Service'), operations: resources('Operations') };
});
process.stdout.write(JSON.stringify(templates));
