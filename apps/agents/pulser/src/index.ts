export { pulser } from './pulser.js';
