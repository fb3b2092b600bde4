/** Every page loads this: htmx, toasts, keyboard, theme and live update. */
import 'htmx.org';
