export { echo } from './echo.js';
