/** A process of its own that runs the cloud until it is killed: `node system-process.ts <assembly> <directory>`. */
import { startCloud } from '#local/cloud.ts';
import { systemOfCloud } from './system.ts';

const [, , assembly = '', directory = ''] = process.argv;
const cloud = await startCloud({ assembly, directory });
console.log(JSON.stringify(systemOfCloud(cloud)));
