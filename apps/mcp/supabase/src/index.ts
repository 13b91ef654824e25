export { supabase } from './server.js';
