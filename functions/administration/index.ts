import { connectWriting } from '../registrar/connect.ts';
import { AdministrationEnvironmentSchema } from './environment.ts';
import { createHandler } from './handler.ts';

export const handler = createHandler(connectWriting(AdministrationEnvironmentSchema.parse(process.env)).ports);
