export { data_fabcon } from './data_fabcon.js';
