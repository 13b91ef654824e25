import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { catchError, type Observable } from 'rxjs';

import { refuseUnavailable } from './refuse-unavailable.js';

/** Answers 503 instead of 500 while the database cannot be reached. */
@Injectable()
export class UnavailableInterceptor implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(catchError(refuseUnavailable));
  }
}
