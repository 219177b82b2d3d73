import { ofType, type Resources } from './templates.ts';

/** Routes of the APIs of a template, as `GET /v1/files/{fileId}`, sorted. */
export const routesOf = (resources: Resources): readonly string[] => {
  const parts = new Map(ofType(resources, 'AWS::ApiGateway::Resource'));
  const pathOf = (id: string): string => {
    const part = parts.get(id);
    if (!part) return '';
    const parent = (part.Properties.ParentId as { readonly Ref?: string }).Ref;
    return `${parent === undefined ? '' : pathOf(parent)}/${String(part.Properties.PathPart)}`;
  };
  return ofType(resources, 'AWS::ApiGateway::Method')
    .map(([, { Properties: method }]) => {
      const id = (method.ResourceId as { readonly Ref?: string }).Ref ?? '';
      return `${String(method.HttpMethod)} ${pathOf(id)}`;
    })
    .sort();
};
