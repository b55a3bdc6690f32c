import { z } from 'zod';
import { groupTextOf, metaOf } from './field.ts';
import type { DeploymentRole } from './roles.ts';
import { deploymentSchemas } from './schema/deployment.ts';

/** The JSON Schema (draft 7, which editors know) of a deployment's config.yaml. */
export function jsonSchema(role: DeploymentRole): Readonly<Record<string, unknown>> {
  const schema = z.toJSONSchema(deploymentSchemas[role], {
    io: 'input',
    target: 'draft-7',
    override: ({ zodSchema, jsonSchema: node }) => {
      // An empty group is a line without a value.
      if (node.type === 'object' && node.default !== undefined) node.type = ['object', 'null'] as never;
      const about = groupTextOf(zodSchema);
      if (about !== undefined) node.description = about;
      const meta = metaOf(zodSchema);
      if (meta === undefined) return;
      node.description = `${meta.about} Must be ${meta.type.expects}${meta.optional ? ', or empty' : ''}.`;
      if (meta.secret !== true) node.examples = [meta.example];
    },
  });
  return { ...schema, title: `Ostinato: settings of a ${role}` };
}
