import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.CursorRegistry;
import de.bwaldvogel.mongo.backend.EmptyIndex;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import de.bwaldvogel.mongo.backend.memory.MemoryDatabase;
import de.bwaldvogel.mongo.backend.memory.index.MemoryUniqueIndex;
import de.bwaldvogel.mongo.bson.Document;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A MongoDB for races: each command is atomic and quick, and nothing outlives the process. `--port PORT`, on 127.0.0.1 */
public class MemoryMongodb {
    public static void main(String[] arguments) {
        int port = Integer.parseInt(arguments[List.of(arguments).indexOf("--port") + 1]);
        MongoServer server = new MongoServer(new Backend().version(new Version()));
        // one thread, so one command at a time and its answer with it: that is written out of the stored document itself,
        // which another command would change meanwhile
        server.bind(new InetSocketAddress("127.0.0.1", port), 1, 1);
    }

    /** New enough for the driver. The library says 8 at most, but knows every command that the storage gives. */
    static class Version implements MongoVersion {
        @Override
        public List<Integer> getVersionArray() {
            return List.of(5, 0, 0);
        }

        @Override
        public int getWireVersion() {
            return 13;
        }
    }

    static class Backend extends MemoryBackend {
        @Override
        public MemoryDatabase openOrCreateDatabase(String name) {
            return new Database(name, getCursorRegistry());
        }
    }

    /** The library's, but what many rounds leave behind is not read from end to end by each command. */
    static class Database extends MemoryDatabase {
        Database(String name, CursorRegistry cursors) {
            super(name, cursors);
        }

        @Override
        protected Index<Integer> openOrCreateUniqueIndex(String collection, String name, List<IndexKey> keys, boolean sparse) {
            return new Unique(name, keys, sparse);
        }

        @Override
        protected Index<Integer> openOrCreateSecondaryIndex(String collection, String name, List<IndexKey> keys, boolean sparse) {
            return new FirstField(name, keys);
        }

        @Override
        protected long getStorageSize() {
            return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
        }
    }

    /** Of use also where the query asks for more: an index only says where to look, each document is matched afterwards. */
    static class Unique extends MemoryUniqueIndex {
        Unique(String name, List<IndexKey> keys, boolean sparse) {
            super(name, keys, sparse);
        }

        @Override
        public boolean canHandle(Document query) {
            boolean named = !isCompoundIndex() && query.get(keys().get(0)) instanceof String;
            return named || super.canHandle(query);
        }
    }

    /** Where the documents are whose first indexed field is that string. */
    static class FirstField extends EmptyIndex<Integer> {
        private final String field;
        private final Map<Object, Map<Object, Integer>> positions = new HashMap<>(); // by value, then by _id
        private int documents = 0;
        private boolean severalValues = false;

        FirstField(String name, List<IndexKey> keys) {
            super(name, keys);
            field = keys.get(0).getKey();
        }

        @Override
        public boolean canHandle(Document query) {
            boolean narrows = query.get(field) instanceof String value && at(value).size() * 2 < documents;
            return narrows && !severalValues;
        }

        @Override
        public Iterable<Integer> getPositions(Document query) {
            return List.copyOf(at(query.get(field)).values());
        }

        @Override
        public void add(Document document, Integer position, MongoCollection<Integer> collection) {
            Object value = document.get(field);
            severalValues |= value instanceof Collection;
            positions.computeIfAbsent(value, unused -> new LinkedHashMap<>()).put(document.get("_id"), position);
            documents += 1;
        }

        @Override
        public Integer remove(Document document) {
            at(document.get(field)).remove(document.get("_id"));
            documents -= 1;
            return null; // whoever asks learns the position from the index of _id
        }

        @Override
        public void updateInPlace(Document before, Document after, Integer position, MongoCollection<Integer> collection) {
            remove(before);
            add(after, position, collection);
        }

        private Map<Object, Integer> at(Object value) {
            return positions.getOrDefault(value, Map.of());
        }
    }
}
