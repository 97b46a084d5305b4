import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.CollectionOptions;
import de.bwaldvogel.mongo.backend.CursorRegistry;
import de.bwaldvogel.mongo.backend.DatabaseResolver;
import de.bwaldvogel.mongo.backend.DefaultQueryMatcher;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.KeyValue;
import de.bwaldvogel.mongo.backend.Missing;
import de.bwaldvogel.mongo.backend.QueryParameters;
import de.bwaldvogel.mongo.backend.QueryResult;
import de.bwaldvogel.mongo.backend.Utils;
import de.bwaldvogel.mongo.backend.ValueComparator;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import de.bwaldvogel.mongo.backend.memory.MemoryCollection;
import de.bwaldvogel.mongo.backend.memory.MemoryDatabase;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.bson.ObjectId;
import de.bwaldvogel.mongo.exception.DuplicateKeyError;
import de.bwaldvogel.mongo.oplog.Oplog;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

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

    /** The library's, but it has all indexes and asks them. */
    static class Database extends MemoryDatabase {
        private final Map<String, Document> filters = new HashMap<>(); // of partial indexes

        Database(String name, CursorRegistry cursors) {
            super(name, cursors);
        }

        @Override
        protected MemoryCollection openOrCreateCollection(String name, CollectionOptions options) {
            return new Documents(this, name, options, cursorRegistry);
        }

        @Override
        protected void addIndex(Document description) {
            Document filter = (Document) description.get("partialFilterExpression");
            if (filter != null) {
                filters.put(description.get("ns") + " " + description.get("name"), filter);
            }
            super.addIndex(description);
        }

        @Override
        protected Index<Integer> openOrCreateUniqueIndex(String collection, String name, List<IndexKey> keys, boolean sparse) {
            return new Ordered(name, keys, sparse, true, filterOf(collection, name));
        }

        @Override
        protected Index<Integer> openOrCreateSecondaryIndex(String collection, String name, List<IndexKey> keys, boolean sparse) {
            return new Ordered(name, keys, sparse, false, filterOf(collection, name));
        }

        private Document filterOf(String collection, String name) {
            return filters.getOrDefault(getDatabaseName() + "." + collection + " " + name, new Document());
        }

        @Override
        public Document handleCommand(Channel channel, String command, Document query, DatabaseResolver databases, Oplog oplog) {
            if (command.equals("aggregate") && resolveCollection(query.get(command).toString(), false) instanceof Documents documents) {
                documents.beginsWith(((List<?>) query.get("pipeline")).stream().map(Document.class::cast).toList());
            }
            return super.handleCommand(channel, command, query, databases, oplog);
        }

        @Override
        protected long getStorageSize() {
            return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
        }
    }

    static class Documents extends MemoryCollection {
        private QueryParameters pipeline = ALL;
        private static final QueryParameters ALL = new QueryParameters(new Document(), 0, 0);

        Documents(MongoDatabase database, String name, CollectionOptions options, CursorRegistry cursors) {
            super(database, name, options, cursors);
        }

        /** As MongoDB tries its plans: side by side, and the first that has all has the answer. */
        @Override
        protected QueryResult queryDocuments(Document query, Document sort, int skip, int limit, int batch, Document fields) {
            Map<String, Document> asked = Asked.of(query);
            Document order = sort == null ? new Document() : sort;
            List<Plan> plans = getIndexes().stream().map(index -> ((Ordered) index).plan(asked, order)).filter(Objects::nonNull).toList();
            if (plans.isEmpty()) {
                return super.queryDocuments(query, sort, skip, limit, batch, fields);
            }
            while (true) {
                for (Plan plan : plans) {
                    boolean enough = plan.inOrder && limit > 0 && plan.found.size() == skip + limit;
                    if (enough || !plan.positions.hasNext()) {
                        return matchDocuments(new Document(), plan.found, plan.inOrder ? null : sort, skip, limit, batch, fields);
                    }
                    Integer position = plan.positions.next();
                    if (documentMatchesQuery(getDocument(position), query)) {
                        plan.found.add(position);
                    }
                }
            }
        }

        /** The library gives a pipeline the whole collection, and takes the rest from it afterwards. */
        void beginsWith(List<Document> steps) {
            Object match = steps.isEmpty() ? null : steps.get(0).get("$match");
            Object limit = steps.size() < 2 ? null : steps.get(1).get("$limit");
            pipeline = match == null ? ALL : new QueryParameters((Document) match, 0, limit == null ? 0 : ((Number) limit).intValue());
        }

        @Override
        public Stream<Document> queryAllAsStream() {
            QueryParameters wanted = pipeline;
            pipeline = ALL;
            return StreamSupport.stream(handleQuery(wanted).spliterator(), false);
        }

        @Override
        protected boolean tracksDataSize() {
            return false; // which would encode each document once more
        }
    }

    /** Where to look, and what was found there so far. `inOrder`: as the query wants it sorted */
    record Plan(Iterator<Integer> positions, boolean inOrder, Set<Integer> found) {}

    /** What a query asks of a field: values by operators. */
    static class Asked {
        /** By field. Where it says two things of one with the same operator, one of these: it only says where to look. */
        static Map<String, Document> of(Document query) {
            Map<String, Document> asked = new HashMap<>();
            query.forEach((field, value) -> {
                if (field.equals("$and")) {
                    ((Collection<?>) value).forEach(part -> of((Document) part).forEach((name, its) -> add(asked, name, its)));
                } else if (!field.startsWith("$")) {
                    boolean hasOperators = value instanceof Document its && its.keySet().stream().anyMatch(name -> name.startsWith("$"));
                    add(asked, field, hasOperators ? (Document) value : new Document("$eq", value));
                }
            });
            return asked;
        }

        private static void add(Map<String, Document> asked, String field, Document its) {
            its.forEach(asked.computeIfAbsent(field, unused -> new Document())::putIfAbsent);
        }

        /** The few that the field may have; null: any. */
        static Collection<?> values(Document its) {
            Object values = its.containsKey("$eq") ? Arrays.asList(its.get("$eq")) : its.get("$in");
            return values instanceof Collection<?> few && few.stream().allMatch(each -> each == null || isPlain(each)) ? few : null;
        }

        /** An operator of these and its value, or null. */
        static Entry<String, Object> bound(Document its, String... operators) {
            return its.entrySet().stream()
                .filter(each -> List.of(operators).contains(each.getKey()) && isPlain(each.getValue()))
                .findFirst().orElse(null);
        }

        /** Whether nothing without the field is asked for. */
        static boolean isThere(Document its) {
            Collection<?> values = values(its);
            return values != null && !values.contains(null)
                || bound(its, "$gt", "$gte", "$lt", "$lte") != null || its.containsKey("$elemMatch") || Utils.isTrue(its.get("$exists"));
        }

        private static boolean isPlain(Object value) {
            return value instanceof String || value instanceof Number || value instanceof Boolean || value instanceof Instant
                || value instanceof ObjectId;
        }
    }

    /**
     * An index as a tree. A key of it is the values of the fields, and the _id, as others may have the same values. It may lead
     * to too many documents, since each is matched afterwards, but never to too few.
     */
    static class Ordered extends Index<Integer> {
        /** Before and after all that begin so. */
        private enum Edge { BEFORE, AFTER }

        private final TreeMap<Object[], Integer> positions = new TreeMap<>(this::compare);
        private final List<String> fields = keys();
        private final boolean[] several = new boolean[fields.size()]; // whether a document ever had several values there
        private final boolean unique;
        private final Document filter;

        Ordered(String name, List<IndexKey> keys, boolean sparse, boolean unique, Document filter) {
            super(name, keys, sparse);
            this.unique = unique;
            this.filter = filter;
        }

        /** Null: it would be everything, and in another order. */
        Plan plan(Map<String, Document> asked, Document sort) {
            if (!hasAll(asked)) {
                return null;
            }
            List<Object[]> starts = Collections.singletonList(new Object[0]);
            int single = 0; // so many fields are asked for by one value
            int place = 0;
            for (; place < fields.size(); place += 1) {
                Collection<?> values = Asked.values(of(place, asked));
                if (values == null) {
                    break;
                }
                single += single == place && values.size() == 1 ? 1 : 0;
                starts = starts.stream().flatMap(start -> values.stream().map(value -> with(start, value))).sorted(this::compare).toList();
            }
            Object[][] bounds = place == fields.size() ? EVERYTHING : bounds(place, of(place, asked));
            int direction = direction(sort, single);
            boolean narrows = place > 0 || bounds != EVERYTHING || super.isSparse() || !filter.isEmpty();
            if (!narrows && (direction == 0 || sort.isEmpty())) {
                return null;
            }
            LinkedList<NavigableMap<Object[], Integer>> ranges = new LinkedList<>();
            for (Object[] start : starts) {
                Object[] from = with(start, bounds[0]);
                Object[] to = with(start, bounds[1]);
                if (compare(from, to) >= 0) {
                    continue;
                }
                NavigableMap<Object[], Integer> range = positions.subMap(from, true, to, true);
                ranges.add(direction < 0 ? 0 : ranges.size(), direction < 0 ? range.descendingMap() : range);
            }
            return new Plan(oneAfterAnother(ranges.iterator()), direction != 0, new LinkedHashSet<>());
        }

        private static final Object[][] EVERYTHING = {{Edge.BEFORE}, {Edge.AFTER}};

        private Document of(int place, Map<String, Document> asked) {
            return asked.getOrDefault(fields.get(place), new Document());
        }

        /** Whether none of the documents that are asked for is left out of it. */
        private boolean hasAll(Map<String, Document> asked) {
            boolean there = !super.isSparse() || fields.stream().anyMatch(field -> Asked.isThere(asked.getOrDefault(field, new Document())));
            return there && filter.entrySet().stream().allMatch(each -> {
                Document its = asked.getOrDefault(each.getKey(), new Document());
                return each.getValue() instanceof Document exists
                    ? Utils.isTrue(exists.get("$exists")) && Asked.isThere(its)
                    : each.getValue().equals(its.get("$eq"));
            });
        }

        /** What comes behind the values of the fields before this one, first and last. */
        private Object[][] bounds(int place, Document its) {
            boolean ofOneValue = its.get("$elemMatch") instanceof Document;
            Document asked = ofOneValue ? (Document) its.get("$elemMatch") : its;
            Entry<String, Object> low = Asked.bound(asked, "$gt", "$gte");
            Entry<String, Object> high = Asked.bound(asked, "$lt", "$lte");
            if (low == null && high == null) {
                return EVERYTHING;
            }
            // nothing is below another value because it is not there; of several values another may be below
            Object[] from = low == null ? new Object[] {null, Edge.AFTER}
                : new Object[] {low.getValue(), low.getKey().equals("$gt") ? Edge.AFTER : Edge.BEFORE};
            Object[] to = high == null || low != null && several[place] && !ofOneValue ? new Object[] {Edge.AFTER}
                : new Object[] {high.getValue(), high.getKey().equals("$lt") ? Edge.BEFORE : Edge.AFTER};
            return falls(place) ? new Object[][] {turned(to), turned(from)} : new Object[][] {from, to};
        }

        private static Object[] turned(Object[] bound) {
            Object[] turned = bound.clone();
            int last = bound.length - 1;
            turned[last] = bound[last] == Edge.AFTER ? Edge.BEFORE : Edge.AFTER;
            return turned;
        }

        private boolean falls(int place) {
            return place < fields.size() && !getKeys().get(place).isAscending();
        }

        /** 1: it has them in this order; -1: in the reverse of it; 0: in another. `single`: so many fields have one value */
        private int direction(Document sort, int single) {
            int direction = 0;
            int place = single;
            for (String field : sort.keySet()) {
                int known = fields.indexOf(field);
                if (known >= 0 && known < single && !several[known]) {
                    continue; // they all have the same
                }
                if (known != place || several[place]) {
                    return 0;
                }
                int its = falls(place) == ((Number) sort.get(field)).intValue() < 0 ? 1 : -1;
                if (direction == -its) {
                    return 0;
                }
                direction = its;
                place += 1;
            }
            return direction == 0 ? 1 : direction;
        }

        private static Iterator<Integer> oneAfterAnother(Iterator<NavigableMap<Object[], Integer>> ranges) {
            return new Iterator<>() {
                private Iterator<Integer> range = Collections.emptyIterator();

                @Override
                public boolean hasNext() {
                    while (!range.hasNext() && ranges.hasNext()) {
                        range = ranges.next().values().iterator();
                    }
                    return range.hasNext();
                }

                @Override
                public Integer next() {
                    return range.next();
                }
            };
        }

        private int compare(Object[] one, Object[] other) {
            int order = 0;
            for (int place = 0; order == 0 && place < Math.min(one.length, other.length); place += 1) {
                order = one[place] instanceof Edge || other[place] instanceof Edge
                    ? Integer.compare(side(one[place]), side(other[place]))
                    : ValueComparator.ascWithoutListHandling().compare(one[place], other[place]) * (falls(place) ? -1 : 1);
            }
            return order;
        }

        private static int side(Object value) {
            return value == Edge.BEFORE ? -1 : value == Edge.AFTER ? 1 : 0;
        }

        private static Object[] with(Object[] start, Object... end) {
            Object[] all = Arrays.copyOf(start, start.length + end.length);
            System.arraycopy(end, 0, all, start.length, end.length);
            return all;
        }

        /** Several where a field has several values. An empty array counts as nothing. */
        private List<Object[]> keysOf(Document document) {
            boolean there = !super.isSparse()
                || fields.stream().anyMatch(field -> !(Utils.getSubdocumentValueCollectionAware(document, field) instanceof Missing));
            if (!there || !filter.isEmpty() && !new DefaultQueryMatcher().matches(document, filter)) {
                return List.of();
            }
            List<Object[]> keys = Collections.singletonList(new Object[0]);
            for (int place = 0; place < fields.size(); place += 1) {
                Object value = Utils.getSubdocumentValueCollectionAware(document, fields.get(place));
                several[place] |= value instanceof Collection;
                Collection<?> values = value instanceof Collection<?> all && !all.isEmpty() ? all : Collections.singleton(value);
                keys = keys.stream().flatMap(key -> values.stream().map(each -> with(key, each instanceof Collection ? null : each))).toList();
            }
            return keys.stream().map(key -> with(key, document.get("_id"))).toList();
        }

        @Override
        public void checkAdd(Document document, MongoCollection<Integer> collection) {
            checkFree(document, null, collection);
        }

        @Override
        public void checkUpdate(Document before, Document after, MongoCollection<Integer> collection) {
            checkFree(after, after.get("_id"), collection);
        }

        /** `own`: the _id of the document that may have them already */
        private void checkFree(Document document, Object own, MongoCollection<Integer> collection) {
            for (Object[] key : unique ? keysOf(document) : List.<Object[]>of()) {
                Object[] values = Arrays.copyOf(key, fields.size());
                for (Object[] taken : positions.subMap(with(values, Edge.BEFORE), with(values, Edge.AFTER)).keySet()) {
                    if (own == null || !own.equals(taken[fields.size()])) {
                        throw new DuplicateKeyError(this, collection, getKeys(), new KeyValue(values));
                    }
                }
            }
        }

        @Override
        public void add(Document document, Integer position, MongoCollection<Integer> collection) {
            checkAdd(document, collection);
            keysOf(document).forEach(key -> positions.put(key, position));
        }

        @Override
        public Integer remove(Document document) {
            Integer position = getPosition(document);
            keysOf(document).forEach(positions::remove);
            return position;
        }

        @Override
        public void updateInPlace(Document before, Document after, Integer position, MongoCollection<Integer> collection) {
            remove(before);
            add(after, position, collection);
        }

        @Override
        public Integer getPosition(Document document) {
            return keysOf(document).stream().map(positions::get).findFirst().orElse(null);
        }

        /** Else whoever removes a document that is not in it takes the index for damaged. */
        @Override
        protected boolean isSparse() {
            return true;
        }

        @Override
        public boolean isUnique() {
            return unique;
        }

        /** Asked by its plan instead. */
        @Override
        public boolean canHandle(Document query) {
            return false;
        }

        @Override
        public Iterable<Integer> getPositions(Document query) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long getCount() {
            return positions.size();
        }

        @Override
        public long getDataSize() {
            return getCount();
        }

        @Override
        public void drop() {}
    }
}
