/** The navigation of the console: a line for each page in it, shown to who may read what it shows. */
import type { MessageKey } from '../../../locales/index.ts';
import type { Permission } from '../../domain/roles/permissions.ts';
import type { IconName } from '../../http/icons.ts';

/** `permission` absent: everybody with a role. `association`: only where it holds for the association. `group`: the heading that it stands under. */
export type Room = {
  room: string;
  href: string;
  label: MessageKey;
  icon: IconName;
  permission?: Permission;
  association?: true;
  group?: MessageKey;
};

/** In their order on the page. Those of one group stand together. */
export const rooms = [
  { room: 'attention', href: '/admin', label: 'console.room_attention', icon: 'attention' },
  { room: 'desk', href: '/desk', label: 'desk.name', icon: 'help', permission: 'people:desk' },
  {
    room: 'applications',
    href: '/admin/applications',
    label: 'console.room_applications',
    icon: 'applications',
    permission: 'clients:read',
  },
  {
    room: 'people',
    href: '/admin/people',
    label: 'consolePeople.title',
    icon: 'people',
    permission: 'people:read-masked',
  },
  {
    room: 'imports',
    href: '/admin/imports',
    label: 'consoleImports.title',
    icon: 'upload',
    permission: 'imports:read',
  },
  {
    room: 'sources',
    href: '/admin/sources',
    label: 'consoleSources.title',
    icon: 'sources',
    permission: 'sources:read',
  },
  {
    room: 'registration',
    href: '/admin/registration',
    label: 'consoleRegistration.room',
    icon: 'registration',
    permission: 'registration:read',
  },
  {
    room: 'unknown-applications',
    href: '/admin/problems',
    label: 'consoleProblems.room',
    icon: 'unknown',
    permission: 'clients:read',
    association: true,
  },
  {
    room: 'roles',
    href: '/admin/roles',
    label: 'console.room_roles',
    icon: 'second-step',
    permission: 'roles:read',
  },
  {
    room: 'deliveries',
    href: '/admin/deliveries',
    label: 'operation.room_deliveries',
    icon: 'send',
    permission: 'deliveries:read',
    group: 'operation.group_running',
  },
  {
    room: 'webhooks',
    href: '/admin/webhooks',
    label: 'operation.room_webhooks',
    icon: 'webhook',
    permission: 'clients:read',
    group: 'operation.group_running',
  },
  {
    room: 'audit',
    href: '/admin/audit',
    label: 'operation.room_audit',
    icon: 'log',
    permission: 'audit:own-acts',
    group: 'operation.group_running',
  },
  {
    room: 'keys',
    href: '/admin/keys',
    label: 'operation.room_keys',
    icon: 'key',
    permission: 'keys:read',
    group: 'operation.group_running',
  },
  {
    room: 'organisations',
    href: '/admin/organisations',
    label: 'operation.room_organisations',
    icon: 'organisations',
    permission: 'organisations:read',
    group: 'operation.group_running',
  },
  {
    room: 'health',
    href: '/admin/health',
    label: 'operation.room_health',
    icon: 'activity',
    permission: 'health:read',
    group: 'operation.group_running',
  },
] as const satisfies Room[];
export type RoomName = (typeof rooms)[number]['room'];
