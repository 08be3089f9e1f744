/** Every text of the window. Keys come from `messages/<locale>/<area>.json`. */
export * from './paraglide/messages.js';
