import { Injectable, type PipeTransform } from '@nestjs/common';
import { HttpError } from '@pulser/contracts';

/** No artifact can have a name with U+0000, which PostgreSQL's text cannot hold. */
@Injectable()
export class ArtifactNamePipe implements PipeTransform<string, string> {
  transform(name: string): string {
    if (name.includes('\u0000')) throw new HttpError('not_found');
    return name;
  }
}
