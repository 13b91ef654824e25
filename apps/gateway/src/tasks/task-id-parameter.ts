import { ApiParam } from '@nestjs/swagger';

/** The id in the path of a task, for the API's documentation. */
export const taskIdParameter = ApiParam({
  name: 'id',
  description: 'Id of the task',
  schema: { type: 'string', format: 'uuid' },
});
