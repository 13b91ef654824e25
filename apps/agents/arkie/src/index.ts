export { arkie } from './arkie.js';
