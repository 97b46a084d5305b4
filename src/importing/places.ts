/** Who works at an import on a node: as many as it can bear. A file on its way over a slow line keeps nobody from it. */

export type Place = { at: 'arriving' | 'waiting' | 'working'; begin: () => void };

/** @param most of those that work, and of those whose file arrives or waits for room to work */
export function createPlaces(most: { working: number; arriving: number }) {
  const places = new Set<Place>();
  const busy = () => [...places].filter(({ at }) => at === 'working').length;

  function goOn(): void {
    for (const place of places) {
      if (busy() >= most.working) return;
      if (place.at !== 'waiting') continue;
      place.at = 'working';
      place.begin();
    }
  }

  return {
    hasRoom: (at: 'arriving' | 'working'): boolean =>
      at === 'working' ? busy() < most.working : places.size - busy() < most.arriving,
    take(place: Place): void {
      places.add(place);
    },
    /** Its file is there: it begins as soon as there is room, the eldest first. */
    arrived(place: Place): void {
      place.at = 'waiting';
      goOn();
    },
    leave(place: Place): void {
      places.delete(place);
      goOn();
    },
  };
}
