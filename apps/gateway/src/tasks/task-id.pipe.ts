import { Injectable, type PipeTransform } from '@nestjs/common';
import { HttpError } from '@pulser/contracts';

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** What cannot be an id is answered like an id that nobody has: nothing is told of which ids exist. */
@Injectable()
export class TaskIdPipe implements PipeTransform<string, string> {
  transform(id: string): string {
    if (!uuid.test(id)) throw new HttpError('not_found');
    return id.toLowerCase();
  }
}
